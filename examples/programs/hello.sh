#!/bin/bash
echo "Hello, ${1:-world}, from bash ${BASH_VERSION%%.*}"
