"""Playbooks as files: YAML that experienced people write, read into the domain's playbook or refused by sentences."""
