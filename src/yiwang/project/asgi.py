"""What the web server loads when it answers asynchronously, as live updates need it."""

import os

from django.core.asgi import get_asgi_application

from yiwang.kernel.files.gate import BodyGate
from yiwang.project.launch.lifeline import tie_to_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
tie_to_parent()
application = BodyGate(get_asgi_application())
