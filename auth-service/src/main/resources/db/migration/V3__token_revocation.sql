-- times are milliseconds since 1970
CREATE TABLE revoked_tokens (
    jti        VARCHAR(36) NOT NULL,
    expires_at BIGINT      NOT NULL,
    PRIMARY KEY (jti),
    KEY revoked_tokens_expires_at (expires_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- set by an administrator, and good for nothing but choosing another password
ALTER TABLE users ADD COLUMN one_time_password BIT NOT NULL DEFAULT FALSE;
