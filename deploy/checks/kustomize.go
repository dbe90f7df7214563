//go:build tools

// Package checks names the programs that `make deploy-tools` builds; go.sum has their hashes.
package checks

import _ "sigs.k8s.io/kustomize/kustomize/v5"
