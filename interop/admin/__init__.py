"""The web admin: product screens first, the stock model pages behind them, one frame around both."""
