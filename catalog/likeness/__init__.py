"""One source for one datum (一数一源): what another department provides already, and how alike."""
