#!/bin/sh
# A shell module of the demo: any interpreter works. It fails on hosts whose name
# ends in 7, to show a failure among good results.
case "$HOME" in
*7) echo '{"failed": true, "msg": "the name of this host ends in 7"}' ;;
*) echo '{"changed": false, "msg": "nothing odd here"}' ;;
esac
