"""Exchange: outbox, envelope, relay, receipts and the way in; RabbitMQ is its only transport."""
