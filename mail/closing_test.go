package mail

import "testing"

func TestCutClosing(t *testing.T) {
	for text, want := range map[string]string{
		"TAR\n\nMvh Kim": "TAR",
		"TAR\n\nMvh":     "TAR",
		"12\n\nMed vänliga hälsningar\n\nRobin Modell\nHandläggare\n08-465 004 11": "12",
		"Godkänn\n\nBest regards,\nKim":                                            "Godkänn",
		"29: 3\n15: 1\n\nHälsningar\nKim":                                          "29: 3\n15: 1",
		"TAR\n\nRobin":                                                             "TAR",
		"TAR\n\nRobin Modell":                                                      "TAR",
		// Kept: it is what the person tells.
		"Mvh": "Mvh",
		"Hälsningar från en förälder låg i mappen\noch en lista.":                                                                                               "Hälsningar från en förälder låg i mappen\noch en lista.",
		"Mejlet slutade så:\nMvh Anna\noch under det låg en lista över alla elever i klassen, med telefonnummer, adresser och de allergier som de har uppgett.": "Mejlet slutade så:\nMvh Anna\noch under det låg en lista över alla elever i klassen, med telefonnummer, adresser och de allergier som de har uppgett.",
		"Hälsningar\n29: 3": "Hälsningar\n29: 3",
		"Det gällde\nAnna":  "Det gällde\nAnna",
		"ja":                "ja",
	} {
		if got := cutClosing(text, "Robin Modell"); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}
