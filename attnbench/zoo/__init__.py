"""The model zoo: attention mechanisms, recurrent cells and models. It knows torch and nothing of ours."""
