//go:build tools

// Package tools pins the Pulumi engine and the language YAML, which are built from their own modules.
package tools

import (
	_ "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
	_ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
)
