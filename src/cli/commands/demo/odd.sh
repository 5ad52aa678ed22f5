#!/bin/sh
# A shell module of the demo: any interpreter will do. It fails where the host's
# name ends in 7, so that a failure can be seen among good results.
case "$HOME" in
*7) echo '{"failed": true, "msg": "the name of this host ends in 7"}' ;;
*) echo '{"changed": false, "msg": "nothing odd here"}' ;;
esac
