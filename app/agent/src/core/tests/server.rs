//! The server's side of the world: its certificate, its answers by the very rules of `pairing`, and its administrator.

use super::*;

pub(super) fn chain(pem_of: &str, from: i32, until: i32) -> (String, Presented) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, pem_of);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2200, 1, 1);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let mut params = CertificateParams::new(["nexus.test".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    let leaf = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    (pem, Presented { chain: vec![leaf.der().clone()], host: ServerName::try_from("nexus.test").unwrap() })
}

impl World {
    pub(super) fn serve(&mut self, call: &Call) -> Result<Reply, CallError> {
        if !self.up || self.asked.as_ref().is_some_and(|asked| self.absent.contains(asked)) {
            return Err(CallError::Silent("connection refused".into()));
        }
        let trusted = self.clock.time(self.instant, self.system);
        match call.assurance() {
            Assurance::None => Ok(()),
            Assurance::Anchored(trust) => self.presented.verify(trust, trusted),
            Assurance::AnchoredAtSomeTime(trust) => {
                let time = self.presented.valid_at(trusted, Timestamp::UNIX_EPOCH).expect("a leaf that was valid once");
                self.presented.verify(trust, time)
            }
        }
        .map_err(CallError::Untrusted)?;
        let entropy = self.entropy();
        let now = self.instant;
        let gone = |_| CallError::Refused { status: 404, code: "unknown_pairing".into() };
        let body = match call {
            Call::Create(create, _) => {
                let from = [192, 0, 2, 9].into();
                Body::Created(self.registry.create((**create).clone(), from, &entropy, now).unwrap())
            }
            Call::Poll(pairing, _) => Body::Outcome(self.registry.poll(pairing, now).map_err(gone)?),
            Call::Verdict(pairing, verdict, _) => {
                Body::Outcome(self.registry.verdict(pairing, verdict, now).map_err(gone)?)
            }
            Call::Nonce(_) => Body::Nonce(self.nonces.issue(&entropy, now)),
            Call::Time(_) => Body::Time,
            Call::Anchor(_) => Body::Anchor(self.named.clone()),
            Call::Exchange(id, exchange, _) => self.exchange(id, exchange)?,
            Call::Token(request, _) => {
                assert!(request.is_ours());
                let assertion = Assertion::read(&request.client_assertion).unwrap();
                let refused = |code: &str| CallError::Refused { status: 401, code: code.into() };
                let keys = self.known.get_mut(&assertion.device()).ok_or_else(|| refused("unknown_device"))?;
                let proof =
                    assertion.prove(keys.all(), INSTANCE, &mut self.nonces, now).map_err(|error| match error {
                        AssertionError::Nonce(_) => refused("stale_nonce"),
                        _ => refused("invalid_assertion"),
                    })?;
                let judged = keys.session(&proof.key, proof.nonce_given_at, now, self.date.as_second());
                judge_keys(keys, judged).map_err(|refusal| refused(refusal.code()))?;
                if self.refuse_tokens {
                    return Err(refused("other"));
                }
                Body::Token(Box::new(Token {
                    access_token: format!("token {}", self.seed),
                    token_type: "Bearer".into(),
                    expires_in: 1800,
                    scope: "board:read".into(),
                    screen: self.screen.clone(),
                }))
            }
            Call::Rotate(rotation, _) => {
                let refused = |status, code: &str| CallError::Refused { status, code: code.into() };
                if !self.takes_keys {
                    return Err(refused(404, "not_found"));
                }
                let keys = self.known.get_mut(&rotation.device).ok_or_else(|| refused(401, "unknown_device"))?;
                let ask = Rotating { instance: INSTANCE, screen: self.screen.id, rotation };
                let judged = keys.rotate(&ask, &mut self.nonces, now, self.date.as_second());
                judge_keys(keys, judged).map_err(|refusal| refused(401, refusal.code()))?;
                Body::Rotated(Rotated { generation: rotation.generation })
            }
        };
        Ok(Reply { body, presented: self.presented.clone(), date: Some(self.date) })
    }

    fn exchange(&mut self, id: &Id, exchange: &Exchange) -> Result<Body, CallError> {
        let joined = self.joined.iter().find(|(_, key)| *key == exchange.device_key).copied();
        let ask = Ask { id, exchange, from: self.from, joined: joined.is_some() };
        let link = self.links.iter_mut().find(|link| link.id == *id);
        let judged = judge(link.as_deref(), &ask, &mut self.nonces, self.instant, 0);
        let admission = judged.map_err(|refusal| CallError::Refused { status: 403, code: refusal.code().into() })?;
        let device = joined.map_or(Uuid::from_u128(9), |(device, _)| device);
        if admission == Admission::New {
            link.unwrap().used += 1;
            self.joined.push((device, exchange.device_key));
            self.known.insert(device, Keys::new(exchange.device_key));
        }
        let trust = Trust::Anchor(self.anchor.clone());
        let payload = Payload { instance: INSTANCE, trust, screen: self.screen.clone() };
        Ok(Body::Joined(Box::new(Paired { device, payload })))
    }

    pub(super) fn types(&mut self, code: &str) -> AttemptId {
        let offer = Offer { trust: Trust::Anchor(self.anchor.clone()), screen: self.screen.clone() };
        let entropy = self.entropy();
        self.registry.answer(&admin(), &code.parse().unwrap(), offer, &entropy, self.instant).unwrap()
    }

    pub(super) fn stage(&mut self, attempt: AttemptId) -> Stage {
        self.registry.attempt(&admin(), attempt, self.instant).unwrap().stage
    }

    pub(super) fn approve(&mut self, attempt: AttemptId) {
        let registration = self.registry.approve(&admin(), attempt, self.instant).unwrap();
        self.known.insert(registration.device, Keys::new(registration.key));
        self.registry.registered(&admin(), attempt, self.instant).unwrap();
    }
}

/// Keeps what the server's rules say of a device's keys.
fn judge_keys(keys: &mut Keys, judged: Result<Option<Keys>, KeyRefusal>) -> Result<(), KeyRefusal> {
    if judged == Err(KeyRefusal::Copied) {
        *keys = keys.clone().suspend();
    }
    if let Some(changed) = judged? {
        *keys = changed;
    }
    Ok(())
}

pub(super) fn admin() -> Admin {
    Admin::signed_in("admin".into())
}
