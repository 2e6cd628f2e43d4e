// Package e2e holds tests of the built program against real servers and clients: Dovecot, Postfix and OpenDKIM for mail, PostgreSQL
// for several replicas, Microsoft's Agents Playground and Chromium for what people see. Every server runs in a temporary folder on
// free loopback ports; nothing in /etc is read or changed, and no mail can leave the machine. There is no program code here.
package e2e
