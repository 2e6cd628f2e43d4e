package templates

// ownKeys are the texts of this package: words of mails, cards and documents, and of time.
var ownKeys = []string{
	"reply_take", "reply_confirm", "reply_dismiss", "reply_cannot", "reply_show", "reply_approve", "reply_skip", "reply_dont_know", "reply_back",
	"reply_help", "reply_done", "reply_resume", "reply_use_first", "reply_mask", "reply_keep", "reply_yes", "reply_no",
	"reply_previous", "reply_this", "reply_drop", "reply_new", "reply_old", "subject_alarm", "subject_alarm_over", "check_subject", "check_text",
	"subject_introduction", "subject_reporter", "subject_reporter_check",
	"subject_reporter_reminder", "subject_dso", "subject_dso_late", "subject_alert", "subject_alert_unverified", "subject_review", "subject_file",
	"subject_show", "subject_reminder", "word_incident", "word_unit", "word_deadline", "word_deadline_late",
	"word_deadline_reporter", "word_progress", "word_do_now", "word_example",
	"word_choose", "word_choose_many", "word_choose_links", "word_choose_comment", "word_own_words", "word_interval", "word_many_rows",
	"word_now", "word_phone", "word_proposed_how", "word_proposed", "word_next", "word_next_how", "word_open", "word_open_reporter", "word_proposals",
	"word_proposals_how", "word_source_step", "word_source_log", "word_source_number", "word_source_supplement",
	"word_source_reporter", "word_replies", "word_reply_write", "word_how_reply", "word_how_reply_plain",
	"word_how_reply_review", "word_attached", "word_footer", "word_notification", "word_answers", "word_about_report",
	"word_reporter", "word_first_message", "word_notes", "word_files", "word_version", "word_aware", "word_alerted",
	"word_late", "word_decision", "word_decision_none", "word_decision_approve", "word_decision_return",
	"word_decision_not_notifiable", "word_reason", "word_approved", "word_approved_by", "word_filed", "word_reference",
	"word_hash", "word_form_version", "word_status", "status_unverified", "status_reported", "status_in_review", "status_approved",
	"status_notified", "status_not_notifiable", "status_withdrawn", "status_closed", "word_blank", "word_open_field",
	"word_unknown_field", "word_incomplete", "word_mandatory", "word_row", "word_copy", "word_copied", "word_copy_failed",
	"word_copy_field", "word_file_at", "word_document_how", "word_answered", "word_answer", "word_send", "word_save",
	"word_comment", "word_other", "word_date", "word_time", "word_exact", "word_or_interval", "word_pick",
	"word_more_entries", "word_cut", "word_authority", "word_and", "word_question_named",
	"word_questions_number", "word_question_number", "command_return", "command_not_notifiable", "time_clock",
	"time_day", "time_date", "time_at", "time_days", "time_hours", "time_minutes", "time_now", "weekdays",
	"weekdays_short", "months", "months_short",
}
