# The page of a customer's resource in Django, behind nginx and provisor-protect.conf:
# python3 protected.py runserver --noreload 127.0.0.1:3000
import os
import sys
from urllib.parse import unquote

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import re_path


def show(request):
    def provisor(name):
        return unquote(request.headers["X-Provisor-" + name])

    if provisor("State") == "suspended":
        return HttpResponse("This resource is suspended.\n", "text/plain; charset=utf-8", 403)
    return HttpResponse(
        f"{provisor('Email')} uses the resource {provisor('Resource')} on the plan {provisor('Plan')}.\n",
        "text/plain; charset=utf-8")


urlpatterns = [re_path("", show)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY=os.urandom(32).hex())
execute_from_command_line(sys.argv)
