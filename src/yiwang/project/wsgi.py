"""What the web server loads when it answers with a pool of threads."""

import os

from django.core.wsgi import get_wsgi_application

from yiwang.kernel.files.gate import WsgiGate
from yiwang.project.launch.lifeline import tie_to_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
tie_to_parent()
application = WsgiGate(get_wsgi_application())
