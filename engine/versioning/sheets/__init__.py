"""The rows of decision tables, taken to a spreadsheet (`grid`, `spreadsheet`) and back (`written`).

What another chapter needs stands here: `written.exported`, `written.imported`.
"""
