package e2e

const signerConf = `
Mode s
Socket inet:{{.Sign}}@127.0.0.1
Domain {{.Domain}}
Selector e2e
KeyFile {{.Dir}}/dkim.key
OversignHeaders From
RequireSafeKeys no
Syslog no
`

// The verifier writes its verdict also on mail without a signature, and takes away what pretends to be its own.
const verifierConf = `
Mode v
Socket inet:{{.Verify}}@127.0.0.1
AuthservID {{.Authserv}}
AlwaysAddARHeader yes
TestDNSData file:{{.Dir}}/dns
RequireSafeKeys no
Syslog no
`

const dovecotConf = `
base_dir = {{.Dir}}/dovecot
state_dir = {{.Dir}}/dovecot-state
log_path = /dev/stderr
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{{.Dir}}/cert.pem
ssl_key = <{{.Dir}}/key.pem
auth_mechanisms = plain{{if .Introspect}} xoauth2 oauthbearer{{end}}
{{if .Capability}}imap_capability = {{.Capability}}
{{end -}}
auth_failure_delay = 0
mail_location = maildir:{{.Dir}}/mail/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
mail_max_userip_connections = 50
{{if .Introspect}}passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {{.Dir}}/dovecot-oauth2.conf
}
{{end}}passdb {
  driver = passwd-file
  mechanisms = plain
  args = username_format=%u {{.Dir}}/users
}
userdb {
  driver = passwd-file
  args = username_format=%u {{.Dir}}/users
}
namespace inbox {
  inbox = yes
  separator = /
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = {{.IMAPS}}
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    port = {{.LMTP}}
  }
}
service auth {
  inet_listener sasl {
    port = {{.SASL}}
  }
}
protocol lmtp {
  ssl = no
  postmaster_address = postmaster@{{.Domain}}
}
`

// The token must be of the mailbox that is logged in to.
const dovecotOAuth2Conf = `
introspection_url = {{.Introspect}}
introspection_mode = post
username_attribute = username
active_attribute = active
active_value = true
`

// Nothing leaves the machine: every other domain is refused.
const mainCF = `
compatibility_level = 3.6
queue_directory = {{.Dir}}/queue
data_directory = {{.Dir}}/state
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {{.Dir}}/postfix.log
maillog_file_prefixes = {{.Dir}}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = submission.{{.Domain}}
mydestination =
mynetworks =
alias_maps =
alias_database =
recipient_delimiter = +
virtual_mailbox_domains = {{.Domain}}
virtual_mailbox_maps = texthash:{{.Dir}}/boxes
virtual_transport = lmtp:inet:127.0.0.1:{{.LMTP}}
default_transport = error:5.1.2 no mail leaves this machine
relay_transport = error:5.1.2 no mail leaves this machine
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_cert_file = {{.Dir}}/cert.pem
smtpd_tls_key_file = {{.Dir}}/key.pem
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{{.SASL}}
smtpd_sender_login_maps = regexp:{{.Dir}}/postfix/senders
milter_default_action = tempfail
message_size_limit = 26214400
smtpd_client_connection_count_limit = 0
minimal_backoff_time = 5s
maximal_backoff_time = 20s
queue_run_delay = 5s
`

// Who logs in may send from their own address alone. What they send is signed and goes through the MX like all mail.
const masterCF = `
127.0.0.1:{{.Submission}} inet n - n - - smtpd
  -o syslog_name=submission
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sender_restrictions=reject_sender_login_mismatch
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
  -o smtpd_milters=inet:127.0.0.1:{{.Sign}}
  -o content_filter=smtp:[127.0.0.1]:{{.MX}}
127.0.0.1:{{.MX}} inet n - n - - smtpd
  -o syslog_name=mx
  -o myhostname={{.Authserv}}
  -o smtpd_milters=inet:127.0.0.1:{{.Verify}}
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
`
