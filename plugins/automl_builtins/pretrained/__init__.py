"""Pretrained networks that models may begin from."""
