"""Every component in every state, light beside dark: /styleguide/, in the demo and while developing."""
