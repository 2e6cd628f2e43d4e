// Package e2e holds tests of the built program against real servers and clients: Dovecot, Postfix and OpenDKIM for mail, mutt, neomutt,
// alpine and Thunderbird for those who answer it, PostgreSQL for several replicas, Microsoft's Agents Playground and Chromium for what
// people see, and Microsoft's schemas for the app package. Every server runs in a temporary folder on free loopback ports; nothing in /etc
// is read or changed, and no mail can leave the machine. There is no program code here.
//
// .ci/run installs all of it, without starting any service, and runs the tests. By hand, as root on Debian:
//
//	apt-get install dovecot-core dovecot-imapd dovecot-lmtpd postfix opendkim mutt neomutt alpine tmux thunderbird chromium nodejs npm python3
//	cp e2e/package*.json /tmp/node/ && (cd /tmp/node && npm ci --ignore-scripts) && export FRIST_TEST_NODE=/tmp/node
//	export FRIST_TEST_POSTGRES='postgres://…'                      # a role that may create schemas
//	go test ./e2e -v -run TestMail                                 # a report by mail, over real servers
//	go test ./e2e -v -run TestClients/alpine                       # an answer typed into mutt, neomutt, alpine, html or plain (Thunderbird)
//	go test ./e2e -v -run TestApprovalInThunderbird                # the DSO completes and approves
//	go test ./e2e -v -run TestMailServersStopAndStart              # each server goes away in mid-conversation
//	go test ./e2e -v -run TestOwnMailIsSound                       # our mails through Python's parser
//	FRIST_SCREENSHOTS=/tmp/shots go test ./e2e -run TestOwnMailLooks  # our mails in Chromium, with pictures
//	FRIST_SCREENSHOTS=/tmp/shots go test ./e2e -run TestOwnCardsLook  # our cards in Microsoft's renderer, likewise
//	FRIST_SCREENSHOTS=/tmp/shots go test ./e2e -v -run TestTeamsCases # whole cases in the Agents Playground, with a picture of each card
//	FRIST_E2E_CASES='a.yaml b.yaml' go test ./e2e -v -run TestTeamsCases # the same with other cases: the first without tokens, the others with
//	go test ./e2e -v -run 'TestNotificationInBrowser|TestReplicas|TestKilled|TestReplay|TestTeamsApp'
//
// What is not installed skips its test, but fails it where CI=true. A failed test shows what each server said, and the terminal's screen.
package e2e
