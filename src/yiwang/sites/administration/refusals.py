"""What the administration refuses before any action is asked."""

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import InvalidInput, NotPermitted, Text


class OfficersOnly(NotPermitted):
    """The page is not for this account."""

    message: Text = _("这一页只给系统、安全保密、审计管理员用")
    rule: Text = _("GB/T 22239-2019 8.1.4.2 访问控制（管理权限分离）")
    remedy: Text = _("要改机构、人员、日历的，请找本单位系统管理员")


class NothingChosen(InvalidInput):
    """A button was pressed without a line chosen, or without a reason."""

    message: Text = _("没有选中，或者没有写理由")
    remedy: Text = _("先勾选，再写明理由")
