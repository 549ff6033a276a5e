"""What several families of models share. A family imports this and no other family."""
