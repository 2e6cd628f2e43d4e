// Package templates holds every word that a person reads: the forms (YAML), the Swedish and English texts, and what is made of
// them: mails, Adaptive Cards 1.5 and the documents of a notification. It decides nothing, and sends nothing.
package templates
