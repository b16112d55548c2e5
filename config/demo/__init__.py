"""The demonstration county: invented places and people, built through the apps' own actions."""
