//go:build tools

// Package tools pins metrics-server, which is built from its own module.
package tools

import _ "sigs.k8s.io/metrics-server/cmd/metrics-server"
