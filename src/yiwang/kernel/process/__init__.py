"""The token engine: verified BPMN subset on ordinary tables."""
