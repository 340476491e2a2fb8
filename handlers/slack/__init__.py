"""Pure translation between Slack and the domain: blocks out, commands and clicks in."""
