"""What trainers see in a browser: claims, answers, checks, members, and the two things that they can drive.

Owns: HTML. Refuses: decisions; it shows the office as it stands and tells the front what a trainer chose. Links are
relative and all pages lie side by side, so that it works below any prefix. Addresses hold row numbers and the payer's
claim numbers, never a name or a member id. Start at `routes.py`.
"""
