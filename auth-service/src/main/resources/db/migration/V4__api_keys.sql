-- times are milliseconds since 1970; hash is the SHA-256 of the key
CREATE TABLE api_keys (
    id           VARCHAR(36)  NOT NULL,
    user_id      VARCHAR(36)  NOT NULL,
    generation   INT          NOT NULL,
    name         VARCHAR(100) NOT NULL,
    hash         VARCHAR(64)  NOT NULL,
    prefix       VARCHAR(16)  NOT NULL,
    scopes       VARCHAR(100) NOT NULL,
    created_at   BIGINT       NOT NULL,
    expires_at   BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (id),
    UNIQUE KEY api_keys_hash (hash),
    KEY api_keys_user (user_id, created_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- an API key of an earlier generation of its user is invalid
ALTER TABLE users ADD COLUMN key_generation INT NOT NULL DEFAULT 0;
