"""Random walks that send the same requests to two middlewares and compare the responses."""
