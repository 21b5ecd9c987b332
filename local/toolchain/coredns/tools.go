//go:build tools

// Package tools pins CoreDNS, which is built from its own module.
package tools

import _ "github.com/coredns/coredns"
