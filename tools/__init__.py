"""Programs for those who work on Anliegen; the product itself never imports them."""
