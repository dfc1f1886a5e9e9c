"""What is wrong with a policy folder, or what its authors should look at; and what is mechanical, fixed."""
