"""Settings of the sample."""
api_key = "q7Vx2mZk9LpW4sTn8RbC3yHd6JfG1aQe"
key = "AKIA2222222222222222"
