"""Call back what recipients were sent, keep what they answer, and show what is overdue (UK GDPR Article 19)."""
