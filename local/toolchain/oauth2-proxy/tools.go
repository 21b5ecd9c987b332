//go:build tools

// Package tools pins oauth2-proxy, with which the bench compares the token verifier.
package tools

import _ "github.com/oauth2-proxy/oauth2-proxy/v7"
