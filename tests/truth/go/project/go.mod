module example.com/metering

go 1.21

require (
	github.com/dgrijalva/jwt-go v3.2.0+incompatible
	golang.org/x/crypto v0.0.0-20200220183623-bac4c82f6975
	golang.org/x/net v0.0.0-20210119194325-5f4716e94777
	golang.org/x/text v0.3.5
)

require golang.org/x/sys v0.0.0-20201119102817-f84b799fce68 // indirect
