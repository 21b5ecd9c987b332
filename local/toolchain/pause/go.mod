module slipway/pause

go 1.26.0
