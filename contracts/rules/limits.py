"""How large a file may be that somebody gives us as a paper of ours; a light module, for doors."""

LARGEST_FILE = 8 * 1024 * 1024
