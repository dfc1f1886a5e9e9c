"""What is wrong with a policy folder, or what its authors should look at; and what is mechanical, mended.

`check` is the way in, `formats` tells what it found, `codes` explains each code, `fix` mends, `watch` looks
again. `checks` has a check a module.
"""
