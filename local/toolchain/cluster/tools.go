//go:build tools

// Package tools pins metrics-server, whose program is built as it is.
package tools

import _ "sigs.k8s.io/metrics-server/cmd/metrics-server"
