"""What an operator may change about the simulator; the only reader of its environment. Unknown names are refused."""

from typing import Final

from pydantic import Field

from shared.runtime.days_and_instants import Zone
from shared.runtime.settings import PrefixedSettings

PREFIX: Final = "CLAIMLOG_SIMULATOR_"


class Settings(PrefixedSettings):
    """Settings of the simulator. The defaults serve tests and a laptop."""

    environment: str = Field(
        default="development", description="development or production; in production the simulator refuses to start."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8090, ge=0, le=65_535, description="Port to listen on; 0 takes a free one.")
    seed: int = Field(
        default=7, description="Chooses the outcome of members without a prefix; another seed, another mix."
    )
    state_file: str = Field(
        default="", description="Journal of what came in, replayed at start. Empty: a restart forgets everything."
    )
    scenario_file: str = Field(
        default="", description="Members, plans, fees and the mix (TOML, docs/simulator.md). Empty: by prefix and mix."
    )
    speed: int = Field(default=1, ge=1, le=86_400, description="How many times faster than outside the time here runs.")
    zone: Zone = Field(default="America/New_York", description="Where the payers' calendar days begin.")
    claims_per_check_max: int = Field(
        default=100, ge=1, description="Claims that one check pays; a payer with more in a file writes more checks."
    )
    interchange_bytes_max: int = Field(
        default=50_000_000, ge=1_024, description="Size of an interchange; larger is answered 413."
    )
    page_size_max: int = Field(default=1_000, ge=1, description="Files that one listing of the mailbox names.")
    folder: str = Field(
        default="", description="Folder with outbound and inbound, a second way in and out. Empty: HTTP alone."
    )
    settle_seconds: float = Field(
        default=2.0, ge=0, description="How long a file there keeps size and time before it is taken in."
    )
    sftp_port: int = Field(default=0, ge=0, le=65_535, description="Port of SFTP on the folder. 0: no SFTP.")
    sftp_user: str = Field(default="", description="Who may come in over SFTP.")
    sftp_password_file: str = Field(default="", description="File with the password of that login.")
    sftp_keys_file: str = Field(default="", description="Public keys of that login, one a line.")
