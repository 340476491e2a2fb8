"""Every sentence that people read: one module an occasion."""
