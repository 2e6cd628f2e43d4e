"""Reads a mail on standard input with Python's email package and writes what it holds, and what is wrong with it, as JSON."""
import email
import json
import sys
from email import policy

message = email.message_from_bytes(sys.stdin.buffer.read(), policy=policy.SMTP.clone(raise_on_defect=False))
defects, parts = [], []
for part in message.walk():
    defects += [repr(d) for d in part.defects]
    for name, value in part.items():
        defects += [f"{name}: {d!r}" for d in getattr(value, "defects", ())]
    if part.is_multipart():
        continue
    content = part.get_content()
    parts.append({
        "type": part.get_content_type(), "disposition": part.get_content_disposition() or "", "encoding": part["Content-Transfer-Encoding"] or "",
        "charset": part.get_content_charset() or "", "name": part.get_filename() or "",
        "content": content if isinstance(content, str) else content.decode("utf-8"),
    })
headers = [(name, str(value)) for name, value in message.items()]
json.dump({"defects": defects, "headers": headers, "parts": parts}, sys.stdout)
