package reading

// changeWords begin a change of an answer, folded.
var changeWords = table(map[string]bool{"ändra|ändra på|rätta|byt": true, "change|edit|correct|update": true})

var svCommands = table(map[string]commandWord{
	"tillbaka|bakåt|backa|föregående|gå tillbaka|ångra":                              {Back, alone},
	"hoppa över|hoppa|nästa fråga|hoppa över frågan":                                 {Skip, alone},
	"vet inte|vet ej|jag vet inte|ingen aning":                                       {DontKnowAnswer, alone},
	"hjälp|hjälp mig|förklara|kommandon":                                             {Help, alone},
	"visa|visa svar|visa svaren|visa mina svar|sammanfattning|sammanfatta|visa allt": {Show, alone},
	"avbryt|avsluta|sluta":                                                           {Cancel, alone},
	"paus|pausa|vänta|senare|fortsätt senare":                                        {Pause, alone},
	"fortsätt|fortsätta|återuppta|börja igen":                                        {Resume, alone},
	"klar|klart|färdig|färdigt|jag är klar|det var allt":                             {Done, alone},
	"ta|tar|jag tar|jag tar det|jag tar den|tar det|tar den|jag tar ärendet":         {Take, alone},
	"kan inte|kan ej|jag kan inte|jag kan ej|har inte möjlighet":                     {Cannot, alone},
	"godkänn|godkänner|godkänd|godkänt|jag godkänner|godkännes|godkänns":             {Approve, alone},
	"returnera|skicka tillbaka|returneras":                                           {Return, colonText},
	"inte anmälningspliktig|ej anmälningspliktig|inte anmälningspliktigt|ej anmälningspliktigt|icke anmälningspliktig|anmäls inte|anmäls ej": {NotNotifiable, colonText},
	"inskickad|inskickat|skickad till imy|inlämnad": {Filed, reference},
	"maskera|maskera det|dölj|mask":                 {Mask, alone},
	"behåll|behåll det|låt stå|behåll som det är":   {Keep, alone},
	"ta med|lägg till|ta med den|ta med allt":       {Accept, numbers},
	"stryk|stryk det|ta inte med|ta bort":           {Decline, numbers},
	"bekräfta|bekräftar|bekräftas|bekräftad":        {Confirm, alone},
	"avfärda|avfärdar|avfärdas|avfärdad|skräppost":  {Dismiss, alone},
})

var enCommands = table(map[string]commandWord{
	"back|go back|previous|undo":                                             {Back, alone},
	"skip|skip it|skip this|skip question|skip this question":                {Skip, alone},
	"don't know|dont know|i don't know|i dont know|no idea|unknown":          {DontKnowAnswer, alone},
	"help|help me|commands":                                                  {Help, alone},
	"show|show answers|show my answers|show all|summary|summarise|summarize": {Show, alone},
	"cancel|stop|quit|exit|abort":                                            {Cancel, alone},
	"pause|later|wait|continue later":                                        {Pause, alone},
	"resume|continue|go on|carry on":                                         {Resume, alone},
	"done|finished|i am done|i'm done|that's all|that is all":                {Done, alone},
	"take|take it|i take it|i'll take it|i will take it|i'll take this":      {Take, alone},
	"cannot|can't|can not|i cannot|i can't":                                  {Cannot, alone},
	"approve|approved|i approve|approve it":                                  {Approve, alone},
	"return|send back|returned|return it":                                    {Return, colonText},
	"not notifiable|no notification|not to be notified|do not notify":        {NotNotifiable, colonText},
	"filed|submitted|sent to imy":                                            {Filed, reference},
	"mask|mask it|hide|hide it":                                              {Mask, alone},
	"keep|keep it|keep as is|leave it":                                       {Keep, alone},
	"accept|include|include it|add|accept all":                               {Accept, numbers},
	"decline|drop|leave out|remove|decline all":                              {Decline, numbers},
	"confirm|confirmed|i confirm|confirm it":                                 {Confirm, alone},
	"dismiss|dismissed|dismiss it|spam":                                      {Dismiss, alone},
})
