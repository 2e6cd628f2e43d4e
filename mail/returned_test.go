package mail

import "testing"

// A server that sends nothing of our mail back but its Reply-To has told which it was.
func TestReturnedToken(t *testing.T) {
	c := &Channel{Address: "Frist@kommun.example"}
	const token = "abcdefghijklmnopqrstuvwx23"
	for raw, want := range map[string]string{
		"Kom inte fram:\n> Reply-To: Frist <frist+" + token + "@kommun.example>\n": token,
		"frist+kort@kommun.example FRIST+" + token + "@KOMMUN.EXAMPLE":             token,
		"frist+" + token + "@annan.example":                                        "",
		"frist+" + token:                                                           "",
		"frist+ABCDEFGHIJKLMNOPQRSTUVWX19@kommun.example":                          "",
		"": "",
		"frist+frist+" + token + "@kommun.example": token,
	} {
		if got := c.returned([]byte(raw)); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}
