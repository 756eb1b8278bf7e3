"""manage.py demo_accounts: whom to be in the demo, and where the codes are; the block that the demo prints."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from rental.demo import cast
from rental.demo.life import Story
from rental.demo.stories import STORIES

TELLING = {  # of the many, those whose pages tell most: group, names
    "ordering": ("钟晴", "柳如风", "滕王", "施然"),
    "asked": ("俞曼", "周艾敏", "危城"),
    "waiting": ("游弋", "翟朗", "尹初", "安可"),
    "renting": ("冯以宁", "邓子衿", "林恩", "石磊"),
    "late": ("魏长风", "崔莹", "彭思齐", "温若", "孔方"),
    "returning": ("蒋一帆", "路遥", "潘云起", "安然", "田野"),
}


class Command(BaseCommand):
    help = "Prints the demo's accounts: the telling ones, or --all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="every customer with a situation worth a look")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("demo accounts only where DEBUG is on")
        lines = [*_customers(all_of_them=options["all"]), "", *_staff(all_of_them=options["all"])]
        self.stdout.write("\n".join(lines))


def _customers(*, all_of_them: bool) -> list[str]:
    lines = [
        f"CUSTOMER  {settings.SITE_URL}/  sign in with a phone number; every code is at {settings.SANDBOX_URL}/sms/",
        "  new here: prove your identity with this name and number, then order",
        *(f"    {p.phone}  {p.name} {p.id_number}  {p.score or 'no'} points: {p.story}" for p in cast.PEOPLE),
    ]
    if all_of_them:
        told = [story for story in STORIES if story.role.story]
        return [*lines, "  with a past", *(f"    {_line(story)}" for story in told)]
    by_name = {story.role.name: story for story in STORIES}
    lines.append("  with a past, which fills in during the first minutes (all of them: demo_accounts --all)")
    for group, names in TELLING.items():
        first, *others = (_line(by_name[name]) for name in names)
        lines += [f"    {group:<10} {first}", *(f"    {'':<10} {line}" for line in others)]
    return lines


def _line(story: Story) -> str:
    return f"{story.role.phone}  {story.role.name}  {story.role.story}"


def _staff(*, all_of_them: bool) -> list[str]:
    more = {role.login: f"; staff {', '.join(role.staff)}" if all_of_them else "" for role in cast.MERCHANTS}
    who = [f"{role.login} ({role.name}{more[role.login]})" for role in cast.MERCHANTS]
    agents = ", ".join(f"{login} ({name})" for login, (name, _badge, _region) in cast.AGENTS.items())
    return [
        f"MERCHANT  {settings.SITE_URL}/portal/  {', '.join(who)}",
        f"OPERATOR  {settings.SITE_URL}/desk/ and /admin/  {', '.join(cast.OPERATORS)}",
        f"AGENT     {settings.SITE_URL}/desk/  {agents}",
        f"  password of all of them: {cast.PASSWORD}; the page after it shows the second factor's code",
    ]
