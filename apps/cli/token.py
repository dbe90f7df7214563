"""`claimlog token`: a token of the development issuer, for a person who calls a service by hand."""

import json
from datetime import timedelta
from typing import Annotated

import typer

from apps.cli.options import Json
from apps.cli.settings import Settings
from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.scopes import ALL_SCOPES, PERSONAL
from shared.runtime.tokens import DevelopmentIssuer


def token(
    *,
    tenant: Annotated[str, typer.Option(help="Whose data the token opens.")] = "demo",
    actor: Annotated[str, typer.Option(help="Who it speaks for; an account, never a name.")] = "operator-1",
    scope: Annotated[list[str] | None, typer.Option(help="May be given several times; all scopes without it.")] = None,
    hours: Annotated[int, typer.Option(min=1, max=24, help="How long it lives.")] = 8,
    as_json: Json = False,
) -> None:
    """Print a bearer token of the development issuer, for `curl -H "Authorization: Bearer $(claimlog token)"`."""
    unknown = sorted(set(scope or ()) - {*ALL_SCOPES, PERSONAL})
    if unknown:
        raise typer.BadParameter(f"no route asks for {', '.join(unknown)}: docs/api.md has them", param_hint="--scope")
    settings = Settings.read()
    issuer = DevelopmentIssuer.from_folder(settings.data / "keys", settings.token_issuer)
    signed = issuer.token(
        tenant_id=tenant,
        actor=Actor(kind="human", id=actor),
        scopes=scope or ALL_SCOPES,
        now=now(),
        lifetime=timedelta(hours=hours),
    )
    typer.echo(json.dumps({"token": signed, "tenant_id": tenant, "hours": hours}) if as_json else signed)
