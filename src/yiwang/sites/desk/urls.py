"""Addresses of the desk."""

from django.urls import path

from yiwang.sites.desk.views import bulk, case, cases, decide, export, newcase, registers, seals, shell, tasks, worklist

app_name = "desk"
urlpatterns = [
    path("", worklist.show, name="worklist"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("export/", export.export, name="export"),
    path("theme/", shell.theme, name="theme"),
    path("seek/", cases.seek, name="seek"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<int:case>/", case.case, name="case"),
    path("cases/<int:case>/judge/", decide.judge, name="judge"),
    path("cases/<int:case>/materials/<slug:key>/", case.material, name="material"),
    path("items/<int:item>/", case.item, name="item"),
    path("items/<int:item>/preview/", case.preview_item, name="preview"),
    path("items/<int:item>/read/", decide.read, name="read"),
    path("items/<int:item>/claim/", bulk.claim, name="claim"),
    path("items/<int:item>/decide/", decide.decide, name="decide"),
    path("items/<int:item>/return/", decide.send_back, name="return"),
    path("items/<int:item>/transfer/", decide.transfer, name="transfer"),
    path("items/<int:item>/suspend/", decide.suspend, name="suspend"),
    path("items/<int:item>/resume/", decide.resume, name="resume"),
    path("items/<int:item>/extend/", decide.extend, name="extend"),
    path("items/<int:item>/form/", tasks.begin, name="task"),
    path("items/<int:item>/form/<str:token>/<slug:step>/", tasks.step, name="task_step"),
    path("files/<int:file>/", case.file, name="file"),
    path("files/<int:file>/pages/", case.pages, name="pages"),
    path("files/<int:file>/pages/<int:number>/", case.picture, name="picture"),
    path("new/", newcase.choose, name="new"),
    path("new/receipt/", newcase.receipt, name="new_receipt"),
    path("new/<str:key>/", newcase.begin, name="new_begin"),
    path("new/<str:key>/<str:token>/<slug:step>/", newcase.step, name="new_step"),
    path("seals/", seals.seals, name="seals"),
    path("seals/<int:seal>/", seals.seal, name="seal"),
    path("seals/<int:seal>/uses/", seals.seal_uses, name="seal_uses"),
    path("registers/", registers.registers, name="registers"),
    path("registers/entries/<int:entry>/", registers.entry, name="entry"),
    path("registers/quotas/<int:quota>/", registers.quota, name="quota"),
]
