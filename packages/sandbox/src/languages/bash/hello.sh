read -r whom
cat <<< "hello $whom"
