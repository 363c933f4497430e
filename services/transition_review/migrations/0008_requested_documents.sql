-- Documents that people of ours asked for, each to be fetched with a token for some minutes. The token itself is known to
-- whoever asked. request_id: of the command, by which the log tells of it.
CREATE TABLE requested_documents (
    token_hash    text        PRIMARY KEY,
    request_id    text        NOT NULL,
    subject_id    text        NOT NULL,
    document      text        NOT NULL,
    format        text        NOT NULL,
    asked_by      text        NOT NULL,
    expires_at    timestamptz NOT NULL
);
CREATE INDEX requested_documents_expire ON requested_documents (expires_at);
