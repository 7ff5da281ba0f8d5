"""Named refusals of forms."""

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import InvalidInput, NotFound, Refusal, StaleState, Text


class DefinitionRefused(InvalidInput):
    """A definition file is wrong; `facts` names file, line and key, `remedy` says what to write instead."""

    message: Text = _("定义文件有错")


class FormIncomplete(InvalidInput):
    """The form cannot be frozen; `facts["problems"]` lists path and message of everything still wrong."""

    message: Text = _("表还没有填完，或者有填错的地方")
    remedy: Text = _("请按提示改好再提交")


class DraftNotFound(NotFound):
    """No such draft, or none of this person."""

    message: Text = _("没有找到这份草稿")
    remedy: Text = _("草稿只能由填写的人打开；超过保留期限的草稿已经删除，请重新填写")


class DraftConflict(StaleState):
    """Another window saved this step later; `facts["fields"]` names the inputs that differ. Nothing was overwritten."""

    message: Text = _("这一页刚才在另一个窗口改过，您这里的还没有存")
    remedy: Text = _("请核对下面的内容，再按一次保存，就以这里的为准")


class DraftTooLarge(InvalidInput):
    """More text than a form may hold."""

    message: Text = _("填写的内容太多，存不下")
    remedy: Text = _("请把长的说明写成文件，作为材料上传")


class DraftOutdated(StaleState):
    """The form was changed since the draft was begun; what was typed is kept where the field still exists."""

    message: Text = _("这张表在您填写期间改过")
    remedy: Text = _("填过的内容都还在，请从头核对一遍再提交")


class EvidenceSealed(Refusal):
    """Evidence is never changed or deleted; a correction is a new version."""

    message: Text = _("已经提交的表不能改动")
    remedy: Text = _("要更正，请提交新的一版")
