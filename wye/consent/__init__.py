"""Know what people agreed and objected to: today from what the sources hold."""
